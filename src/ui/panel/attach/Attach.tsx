import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { UploadLimits } from '../../../model/message.ts'
import type { ThreadId } from '../../../model/thread.ts'
import { createStore, type Writable } from '../../store.ts'
import { useAround } from '../around.ts'
import { late } from '../late.ts'
import { useStore } from '../use-store.ts'
import { sizeIn } from './sizes.ts'

/** What has to do with the files themselves, fetched with the first of them. */
const useFiles = late(() => import('../files/index.tsx'))
/** What shows them in the conversation: here before the connection may be gone. */
const useRich = late(() => import('../rich/index.tsx'))

/** Files that were chosen and not sent yet, by thread: leaving the thread loses none. */
const chosen = new WeakMap<object, Writable<Readonly<Record<ThreadId, readonly File[]>>>>()

const NONE: readonly File[] = []

interface AttachProps {
  readonly threadId: ThreadId
  /** Files were stored and are on their way. */
  onSent(): void
}

/** Adds files to what is written: by a button, by dropping them anywhere on the panel, or by pasting. */
export function Attach({ threadId, onSent }: AttachProps) {
  const { chat, words } = useAround()
  const $chosen = chosen.get(chat) ?? createStore<Readonly<Record<ThreadId, readonly File[]>>>({})
  chosen.set(chat, $chosen)
  const list = useStore($chosen)[threadId] ?? NONE
  const [over, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const { state, capabilities } = useStore(chat.$link)
  const [likely, setLikely] = useState(false)
  // Also when the connection is back without which it did not come.
  const needed = (likely || list.length > 0) && state !== 'waiting'
  const files = useFiles(needed)
  useRich(needed)
  const upload = capabilities?.upload
  const limits = typeof upload === 'object' ? upload : undefined

  const change = (make: (list: readonly File[]) => readonly File[]) => {
    const all = $chosen.get()
    $chosen.set({ ...all, [threadId]: make(all[threadId] ?? NONE) })
  }
  const add = (more: Iterable<File>) => change(list => [...list, ...more])

  useLayoutEffect(() => {
    const panel = input.current!.closest<HTMLElement>('.panel')!
    const life = new AbortController()
    const { signal } = life
    /** Does something with what carries files; everything else is the browser's, and nothing is the page's. */
    const on = (type: 'paste' | `drag${'enter' | 'over' | 'leave'}` | 'drop', does: (files: FileList) => void) =>
      panel.addEventListener(
        type,
        event => {
          const data = (event as DragEvent).dataTransfer ?? (event as ClipboardEvent).clipboardData
          if (!data?.types.includes('Files')) return
          event.preventDefault()
          event.stopPropagation()
          does(data.files)
        },
        { signal }
      )
    let depth = 0
    const reset = () => {
      depth = 0
      setOver(false)
    }
    on('dragenter', () => {
      depth++
      setOver(true)
    })
    on('dragover', () => {})
    // Told for each element that is crossed.
    on('dragleave', () => --depth || reset())
    on('drop', files => {
      reset()
      add(files)
    })
    on('paste', add)
    return () => life.abort()
  }, [threadId])

  const most = limits && words.t('attachMost', { size: sizeIn(words.locale, limits.size) })
  return (
    <>
      {!files && list.length > 0 && <p class="chosen">{list.map(({ name }) => name).join(', ')}</p>}
      {files && list.length > 0 && (
        <files.Tray
          threadId={threadId}
          list={list}
          limits={limits}
          isChosen={file => !!$chosen.get()[threadId]?.includes(file)}
          onRemove={file => change(list => list.filter(other => other !== file))}
          onSent={onSent}
        />
      )}
      <button
        type="button"
        class="attach"
        part="attach"
        aria-label={most ?? words.t('attach')}
        title={most ?? words.t('attach')}
        onPointerEnter={() => setLikely(true)}
        onFocus={() => setLikely(true)}
        onClick={() => input.current!.click()}
      >
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M19 11l-7.5 7.5a4.2 4.2 0 0 1-6-6l8-8a2.8 2.8 0 0 1 4 4l-8 8a1.4 1.4 0 0 1-2-2L14.500 7.500" />
        </svg>
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={acceptOf(limits)}
        onChange={event => {
          add(event.currentTarget.files!)
          // The same file again is a choice again.
          event.currentTarget.value = ''
        }}
      />
      {over && (
        <div class="drop" part="drop">
          <p>{words.t('dropHere')}</p>
        </div>
      )}
    </>
  )
}

/** As pictures, too: else a phone does not offer its camera. */
function acceptOf(limits: UploadLimits | undefined): string {
  return limits?.types.length ? ['image/*', ...limits.types].join() : ''
}
