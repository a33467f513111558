/** Parts that are fetched when they are needed, and needed in more than one place. */
import { late } from './late.ts'

/** What is not possible, too long or not taken. */
export const useLimits = late(() => import('./limits/index.tsx'))
/** Live chats, answers that grow, and the words for what happened; until then the backend's are shown. */
export const useLive = late(() => import('./live/index.tsx'))
