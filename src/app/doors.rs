//! The doors: bound before anything else, served when everything is there.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;

use super::{AppFault, figures};
use crate::config::{Certificate, Config};
use crate::control::gate::Gate;
use crate::control::school::School;
use crate::http::certificate::{self, CertificateFault};
use crate::http::listen::{Door, Limit, ListenFault};
use crate::http::ops::OpsDoors;
use crate::http::router::{Doors, OverTls};
use crate::http::{ops, router};
use crate::io::pool::MediaPort;
use crate::telemetry::{Telemetry, catalog};

/// Doors that are bound, so that a port in use is known before anything else happens.
pub(super) struct OpenDoors {
    plain: Option<Door>,
    tls: Option<Door>,
    ops: Door,
}

/// Where the doors are.
pub(super) struct DoorAddresses {
    pub(super) plain: Option<SocketAddr>,
    pub(super) tls: Option<SocketAddr>,
    pub(super) ops: SocketAddr,
}

pub(super) type Serving = tokio::task::JoinHandle<io::Result<()>>;

impl OpenDoors {
    pub(super) fn bind(config: &Config) -> Result<Self, ListenFault> {
        Ok(Self {
            plain: config.http.listen.map(Door::bind).transpose()?,
            tls: config.http.tls_listen.map(Door::bind).transpose()?,
            ops: Door::bind(config.ops_listen)?,
        })
    }

    pub(super) fn addresses(&self) -> DoorAddresses {
        let address = |door: &Option<Door>| door.as_ref().map(|door| door.address);
        DoorAddresses { plain: address(&self.plain), tls: address(&self.tls), ops: self.ops.address }
    }

    pub(super) async fn serve(
        self,
        config: &Config,
        addresses: &[IpAddr],
        (school, gate): (&Arc<School>, &Arc<Gate>),
        telemetry: &Arc<Telemetry>,
        ports: &Arc<Vec<MediaPort>>,
        handle: &Handle<SocketAddr>,
    ) -> Result<Vec<Serving>, AppFault> {
        let (school, telemetry) = (school.clone(), telemetry.clone());
        telemetry.set(catalog::BUILD, [env!("CARGO_PKG_VERSION")], 1.0);
        let public = router::router(Doors {
            school: school.clone(),
            telemetry: telemetry.clone(),
            gate: gate.clone(),
            request_timeout: config.http.request_timeout,
            proxies: config.http.proxies.clone(),
        });
        let limit = Limit::new(config.http.connections_max);
        let mut serving = vec![tokio::spawn(self.ops.serve(
            ops::router(ops_doors(school, telemetry, ports)),
            Limit::new(64),
            handle.clone(),
        ))];
        if let Some(door) = self.plain {
            serving.push(tokio::spawn(door.serve(public.clone(), limit.clone(), handle.clone())));
        }
        if let Some(door) = self.tls {
            let tls = tls(&config.http.certificate, addresses).await?;
            let public = public.layer(axum::Extension(OverTls));
            serving.push(tokio::spawn(door.serve_tls(public, limit, tls, handle.clone())));
        }
        Ok(serving)
    }
}

async fn tls(from: &Certificate, addresses: &[IpAddr]) -> Result<RustlsConfig, CertificateFault> {
    match from {
        Certificate::SelfMade(folder) => certificate::load_or_make(folder, addresses).await,
        Certificate::Files { cert, key } => certificate::load(Path::new(cert), Path::new(key)).await,
    }
}

fn ops_doors(school: Arc<School>, telemetry: Arc<Telemetry>, ports: &Arc<Vec<MediaPort>>) -> OpsDoors {
    let (for_figures, for_health) = (Arc::downgrade(ports), Arc::downgrade(ports));
    let school = Arc::downgrade(&school);
    OpsDoors {
        telemetry,
        refresh: Arc::new(move |telemetry| {
            if let (Some(school), Some(ports)) = (school.upgrade(), for_figures.upgrade()) {
                figures::refresh(telemetry, &school, &ports);
            }
        }),
        unready: Arc::new(move || match for_health.upgrade() {
            Some(ports) if ports.iter().all(|port| !port.has_ended()) => None,
            _ => Some("a media thread has stopped".to_owned()),
        }),
    }
}
