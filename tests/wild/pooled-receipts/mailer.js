const nodemailer = require('nodemailer');

function wording(shop) {
  return Object.fromEntries(Array.from({ length: 260 }, (_, at) => [
    `receipt.${at}`,
    { text: `${shop.name}: line ${at} of the receipt, {{amount}} for {{article}}`, plural: at % 2 === 0, since: shop.since + at }
  ]));
}

function fill(text, values) {
  return text.replace(/\{\{(\w+)\}\}/g, (_, key) => values[key]);
}

async function sendReceipt(shop, receipt) {
  const words = wording(shop);
  const transport = nodemailer.createTransport({
    pool: true,
    host: shop.smtp.host,
    port: shop.smtp.port,
    maxConnections: 2,
    ignoreTLS: true
  });
  transport.use('compile', (mail, done) => {
    const lines = receipt.lines.map((line) => fill(words[`receipt.${line.wording}`].text, line));
    mail.data.text = lines.join('\n');
    done();
  });
  const sent = await transport.sendMail({
    from: `${shop.name} <receipts@${shop.name}.example>`,
    to: receipt.to,
    subject: `Your receipt ${receipt.number}`
  });
  return sent.messageId;
}

module.exports = { sendReceipt };
