//! Connections that have to begin: the library waits without end for the bytes that tell HTTP/1 from HTTP/2.

use std::future::Future;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// HTTP/2's preface (RFC 9113 §3.4). With so many bytes the version is known, and its own timeouts hold.
const BEGINNING_BYTES: usize = 24;

/// A stream whose reader fails if the peer does not begin in time.
pub(super) struct Prompt<S> {
    stream: S,
    /// Until the beginning is there.
    missing: Option<Missing>,
}

struct Missing {
    bytes: usize,
    deadline: Pin<Box<Sleep>>,
}

impl<S> Prompt<S> {
    /// Gives the peer so much time from now.
    pub(super) fn new(stream: S, within: Duration) -> Self {
        let missing = Missing { bytes: BEGINNING_BYTES, deadline: Box::pin(sleep(within)) };
        Self { stream, missing: Some(missing) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Prompt<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, into);
        let Some(missing) = &mut self.missing else { return read };
        if read.is_pending() {
            ready!(missing.deadline.as_mut().poll(cx));
            return Poll::Ready(Err(ErrorKind::TimedOut.into()));
        }
        missing.bytes = missing.bytes.saturating_sub(into.filled().len() - before);
        if missing.bytes == 0 {
            self.missing = None;
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Prompt<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, from)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, from)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const WITHIN: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn who_does_not_begin_is_not_waited_for() {
        for beginning in ["", "P", "PRI * HTTP/2.0\r\n"] {
            let (mut peer, stream) = duplex(64);
            peer.write_all(beginning.as_bytes()).await.unwrap();
            let fault = Prompt::new(stream, WITHIN).read_to_end(&mut Vec::new()).await.unwrap_err();
            assert_eq!(fault.kind(), ErrorKind::TimedOut, "{beginning:?}");
        }
    }

    #[tokio::test]
    async fn who_has_begun_may_be_silent() {
        let (mut peer, stream) = duplex(64);
        let mut stream = Prompt::new(stream, WITHIN);
        peer.write_all(b"GET /lesson HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        let mut read = [0; 64];
        assert!(stream.read(&mut read).await.unwrap() > BEGINNING_BYTES);
        sleep(2 * WITHIN).await;
        peer.write_all(b"more").await.unwrap();
        assert_eq!(stream.read(&mut read).await.unwrap(), 4);
    }
}
