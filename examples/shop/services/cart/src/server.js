import { serve } from 'kit/serve';
import { prices } from './prices.js';

const items = ['kettle', 'teapot'];
serve('cart', { '/': () => ({ items, total: items.reduce((sum, item) => sum + prices[item], 0) }) });
