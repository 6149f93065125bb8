import axios from 'axios';
import { setupCache } from 'axios-cache-interceptor';

export class Quotes {
  #http;

  constructor(baseURL) {
    this.#http = setupCache(axios.create({ baseURL, timeout: 2000 }), { ttl: 4000 });
  }

  async cheapest(parcel) {
    const { data } = await this.#http.get('/offers', {
      params: { to: parcel.to, grams: parcel.grams, length: parcel.length, shop: parcel.shop }
    });
    return data.offers.reduce((best, offer) => (offer.cents < best.cents ? offer : best));
  }
}
