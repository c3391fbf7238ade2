import { serve } from 'kit/serve';
import { prices } from './prices.js';

serve('pricing', { '/': () => prices });
