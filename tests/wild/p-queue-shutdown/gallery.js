import { EventEmitter } from 'node:events';
import { thumbnail } from './thumbnails.js';

const uploads = new EventEmitter();
let scaled = 0;
let pixels = 0;

uploads.on('picture', async (picture) => {
  try {
    const { width, height } = await thumbnail(picture);
    scaled++;
    pixels += width * height;
  } catch (error) {
    console.error(`${picture.id}: ${error.message}`);
  }
});

let n = 0;
setInterval(() => {
  uploads.emit('picture', { id: `pic-${++n}`, width: 3000 + (n % 7) * 100, height: 2000, exif: { camera: `C${n % 12}`, places: Array.from({ length: 24 }, (_, at) => at * n) } });
}, 5);
console.log('ready');
