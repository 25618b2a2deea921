//! A real PostgreSQL server in a folder of its own, for one test: Debian's, on a socket that nobody else finds.

use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Looks, 50 ms apart, until a server has to be there.
const START_LOOKS: u32 = 400;

pub(super) struct Postgres {
    folder: PathBuf,
    server: Child,
}

impl Postgres {
    pub(super) fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("tongke-postgres-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
        let data = folder.join("data");
        let made =
            as_postgres("initdb").args(["-A", "trust", "-U", "postgres", "-N", "-D"]).arg(&data).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut server = as_postgres("postgres");
        server.args(["-c", "listen_addresses=", "-D"]).arg(&data).arg("-k").arg(&folder);
        let server = server.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut postgres = Self { folder, server };
        postgres.wait();
        postgres
    }

    pub(super) fn url(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.folder.display())
    }

    fn wait(&mut self) {
        for _ in 0..START_LOOKS {
            let ready = Command::new(program("pg_isready")).arg("-q").arg("-h").arg(&self.folder).status().unwrap();
            if ready.success() {
                return;
            }
            if self.server.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let mut said = String::new();
        let _unreadable = self.server.stderr.take().map(|mut log| log.read_to_string(&mut said));
        panic!("PostgreSQL does not start: {said}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // A fast shutdown, which also gives back its shared memory.
        let _gone_already = Command::new("kill").arg("-INT").arg(self.server.id().to_string()).status();
        let _ended = self.server.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// One of its programs, as a user that may run it: it refuses to be root's.
fn as_postgres(name: &str) -> Command {
    let is_root = Path::new("/proc/self").metadata().is_ok_and(|own| own.uid() == 0);
    if !is_root {
        return Command::new(program(name));
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program(name));
    command
}

/// Debian keeps the server's programs of each version in a folder of its own.
fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("the package postgresql is installed");
    let mut found: Vec<_> = versions.flatten().map(|version| version.path().join("bin").join(name)).collect();
    found.retain(|program| program.exists());
    found.sort();
    found.pop().expect("a version with its server")
}
