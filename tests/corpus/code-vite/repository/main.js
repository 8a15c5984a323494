const parts = import.meta.globEager('./parts/*.js');
const texts = import.meta.glob('./parts/*.txt', { as: 'raw', eager: true });

export const names = Object.values(parts).map((one) => one.name).sort();
export const note = Object.values(texts).join('').trim();
