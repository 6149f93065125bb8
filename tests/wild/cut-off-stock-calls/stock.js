const { ClientProxyFactory, Transport } = require('@nestjs/microservices');

class Stock {
  constructor(port) {
    this.client = ClientProxyFactory.create({ transport: Transport.TCP, options: { host: '127.0.0.1', port } });
  }

  check(order, patience = 1000) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no answer for ${order.number}`)), patience);
      this.client.send({ cmd: 'stock.check' }, order).subscribe({
        next: ({ inStock }) => {
          clearTimeout(late);
          resolve(inStock);
        },
        error: (error) => {
          clearTimeout(late);
          reject(error);
        }
      });
    });
  }
}

module.exports = { Stock };
