/** A copy by e-mail, fetched where the backend sends any. */
import field from '../forms/field.css?inline'
import own from './mail.css?inline'

export { enMail as words } from '../../strings/en-mail.ts'
export { MailCopy } from './MailCopy.tsx'
export const css = field + own
