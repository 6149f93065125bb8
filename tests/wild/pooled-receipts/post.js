const { SMTPServer } = require('smtp-server');

function postOffice() {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, done) {
      stream.resume();
      stream.on('end', done);
    }
  });
  server.on('error', () => {});
  return new Promise((resolve) => {
    const listening = server.listen(0, '127.0.0.1', () => resolve(listening.address().port));
  });
}

module.exports = { postOffice };
