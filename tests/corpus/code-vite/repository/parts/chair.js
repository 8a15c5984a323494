export const name = 'chair';
