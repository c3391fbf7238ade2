/** Prices in cents. */
export const prices = { kettle: 3900, teapot: 2450 };
