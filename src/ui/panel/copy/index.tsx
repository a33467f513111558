import { useState } from 'preact/hooks'
import type { ThreadId } from '../../../model/thread.ts'
import { useAround } from '../around.ts'
import { late } from '../late.ts'
import { useStore } from '../use-store.ts'

const useMail = late(() => import('../mail/index.tsx'))

interface SaveCopyProps {
  /** Which conversations; left out: all. */
  readonly threads?: readonly ThreadId[]
}

/** Gives the visitor their conversations as a file that opens without anything else, or has them sent by e-mail. */
export function SaveCopy({ threads }: SaveCopyProps) {
  const { chat, look, words, times, attempt } = useAround()
  const mail = useMail(useStore(chat.$link).capabilities?.mail)
  const [count, setCount] = useState<number | undefined>(undefined)
  const save = async () => {
    setCount(0)
    const [{ copyOf }, { enLive }, { enRich }] = await Promise.all([
      import('./copy.ts'),
      import('../../strings/en-live.ts'),
      import('../../strings/en-rich.ts')
    ])
    // Notices are in it whether one was seen or not.
    words.learn({ ...enLive, ...enRich })
    const title = look.title || words.t('title')
    try {
      const { html } = await copyOf(chat, { ...(threads && { threads }), title, words, times, onProgress: setCount })
      offer(html, `${title} ${new Date().toLocaleDateString('sv')}.html`)
    } finally {
      setCount(undefined)
    }
  }
  return (
    <>
      <button
        type="button"
        class="text copy"
        aria-disabled={count !== undefined}
        onClick={() => count ?? void attempt(save())}
      >
        {words.t(count === undefined ? (threads ? 'copyOne' : 'copyAll') : 'copying', { count: count ?? 0 })}
      </button>{' '}
      {mail && <mail.MailCopy threadId={threads?.[0]} />}
    </>
  )
}

/** As if somebody had pressed a link to it. Not on the page: its listeners and styles are none of ours. */
function offer(html: string, name: string): void {
  const url = URL.createObjectURL(new Blob([html], { type: 'text/html' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name.replace(/[^\p{L}\p{N}.-]+/gu, ' ')
  link.click()
  // Not at once: some browsers begin to read it later.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
