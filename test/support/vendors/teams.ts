import type { Json } from '../../../shared/model/index.ts';
import type { Vendor } from './vendor.ts';

export const teams: Vendor = {
  kind: 'teams',
  fields: {},
  env: {},
  markers: { start: 0, end: 1 },
  forgetful: true,
  isRead: false,
  routes: () => {
    const cards: (Json | undefined)[] = [];
    return {
      shown: () => cards,
      handlers: {
        'POST /': ({ json }) => {
          cards.push(json['attachments']);
          return { status: 202 };
        },
      },
    };
  },
};
