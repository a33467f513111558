/** A copy by e-mail, fetched where the backend sends any. */
export { enMail as words } from '../../strings/en-mail.ts'
export { MailCopy } from './MailCopy.tsx'
export { default as css } from './mail.css?inline'
