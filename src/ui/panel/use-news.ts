import { useEffect, useRef } from 'preact/hooks'
import type { Entry, Timeline } from '../../core/chat.ts'
import type { Thread } from '../../model/thread.ts'
import { useAround } from './around.ts'
import { authorOf, textOf } from './names.ts'

/** More than so many within so long are summed up: nobody follows ten voices. */
const MANY = 3
const BURST = 2000

/**
 * Says aloud what arrives in the thread in view, each message once. What was loaded from history stays silent.
 *
 * @returns How many messages of others came in while the visitor was reading further up.
 */
export function useNews(
  timeline: Timeline | undefined,
  thread: Thread | undefined,
  atBottom: boolean,
  visible: boolean
): number {
  const { words, times, announcer } = useAround()
  const newest = timeline?.entries.at(-1)?.message.id
  const heard = useRef<string | undefined>(undefined)
  const seen = useRef<string | undefined>(undefined)
  const recent = useRef<readonly number[]>([])
  const held = useRef(0)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)

  if (atBottom && visible) seen.current = newest
  const below = atBottom ? 0 : after(timeline, seen.current).filter(({ message }) => isTheirs(message.author)).length

  useEffect(() => {
    const known = heard.current
    heard.current = newest
    if (!timeline || known === undefined || !visible) return
    const news = after(timeline, known).filter(({ message }) => message.author !== 'visitor')
    if (news.length === 0) return
    const now = Date.now()
    recent.current = [...recent.current.filter(at => now - at < BURST), ...news.map(() => now)]
    if (recent.current.length > MANY) {
      held.current += news.length
      clearTimeout(timer.current)
      timer.current = setTimeout(() => {
        announcer.say(words.t('announceMany', { count: held.current }))
        held.current = 0
      }, 500)
      return
    }
    for (const { message } of news) {
      const text = textOf(message, words)
      announcer.say(
        message.author === 'system'
          ? text
          : words.t('announceMessage', { name: authorOf(message, words), time: times.clock(message.at), text })
      )
    }
  }, [timeline, newest, visible, announcer, words, times])

  const unsent = useRef<readonly string[]>([])
  useEffect(() => {
    const waiting = (timeline?.entries ?? []).filter(({ delivery }) => delivery === 'queued')
    const ids = waiting.map(({ message }) => message.id)
    const left = unsent.current.filter(id => !ids.includes(id))
    unsent.current = ids
    if (left.some(id => hasArrived(timeline, id))) announcer.say(words.t('announceSent'))
  }, [timeline, announcer, words])

  useEffect(() => () => clearTimeout(timer.current), [])
  // Waiting for a thread that is not loaded yet: whatever it begins with is history.
  useEffect(() => {
    if (thread && heard.current === undefined) heard.current = newest
  }, [thread, newest])

  return below
}

function after(timeline: Timeline | undefined, id: string | undefined): readonly Entry[] {
  if (!timeline || id === undefined) return []
  const at = timeline.entries.findLastIndex(({ message }) => message.id === id)
  return at < 0 ? [] : timeline.entries.slice(at + 1)
}

function hasArrived(timeline: Timeline | undefined, id: string): boolean {
  const delivery = timeline?.entries.findLast(({ message }) => message.id === id)?.delivery
  return delivery !== undefined && delivery !== 'failed'
}

function isTheirs(author: string): boolean {
  return author === 'agent' || author === 'bot'
}
