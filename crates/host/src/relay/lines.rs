//! Bytes as lines, where a terminal is on the way: base64 behind a `<` on the way there and a `>` on the way back, so that an echo is
//! no answer. A terminal takes 4095 bytes as one line, and the end of what it is told as the end of input.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, duplex};

use crate::connection::Piped;
use crate::output::{Lines, Piece};

/// Of which base64 makes a line that fits.
const CHUNK: usize = 3_000;
/// What is under way between a line and whoever reads or writes the bytes.
const BUFFER: usize = 64 << 10;

/// The bytes behind the lines of a command's stdin and stdout, of which `first` was read already.
pub(super) fn piped(
    stdin: impl AsyncWrite + Unpin + Send + 'static,
    stdout: impl AsyncRead + Unpin + Send + 'static,
    first: Vec<u8>,
) -> Piped {
    let (there, to_encode) = duplex(BUFFER);
    let (decoded, back) = duplex(BUFFER);
    tokio::spawn(encode(to_encode, stdin));
    tokio::spawn(decode(std::io::Cursor::new(first).chain(stdout), decoded));
    Piped::new(there, back, Vec::new())
}

/// Ends when whoever writes the bytes does, and ends the command's input with it.
async fn encode(mut bytes: DuplexStream, mut stdin: impl AsyncWrite + Unpin) {
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = match bytes.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(length) => length,
        };
        let line = format!("<{}\n", STANDARD.encode(&chunk[..length]));
        if stdin.write_all(line.as_bytes()).await.is_err() || stdin.flush().await.is_err() {
            return;
        }
    }
}

/// Ends with the command's output, or when nobody reads any more. What is no line of the relay's is none of the bytes.
async fn decode(stdout: impl AsyncRead + Unpin, mut bytes: DuplexStream) {
    let mut lines = Lines::new(stdout);
    while let Some(piece) = lines.next().await {
        let Some(line) = lines.bytes().strip_prefix(b">").filter(|_| matches!(piece, Piece::Line)) else {
            continue;
        };
        // A line that is broken is the end: what came behind a hole would be taken for what stood in it.
        let Ok(chunk) = STANDARD.decode(line) else { return };
        if bytes.write_all(&chunk).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_go_there_and_back_whatever_stands_between_the_lines() {
        let (stdin, mut said) = duplex(1 << 20);
        let (mut answers, stdout) = duplex(1 << 20);
        let mut piped = piped(stdin, stdout, b"a warning\r\n>aG".to_vec());
        let sent: Vec<u8> = (0..10_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        piped.write_all(&sent).await.unwrap();
        piped.shutdown().await.unwrap();
        let mut text = String::new();
        said.read_to_string(&mut text).await.unwrap();
        assert!(text.lines().all(|line| line.len() < 4_095), "a terminal's limit");
        let decoded: Vec<u8> =
            text.lines().flat_map(|line| STANDARD.decode(line.strip_prefix('<').unwrap()).unwrap()).collect();
        assert!(decoded == sent);

        answers.write_all(b"VsbG8=\r\n<aGVsbG8=\r\n>IHlvdQ==\n>not whole").await.unwrap();
        drop(answers);
        let mut heard = String::new();
        piped.read_to_string(&mut heard).await.unwrap();
        assert_eq!(heard, "hello you");
    }
}
