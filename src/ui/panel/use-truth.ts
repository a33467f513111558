import { useEffect, useState } from 'preact/hooks'
import type { StringKey } from '../strings.ts'
import { useAround } from './around.ts'
import { useStore } from './use-store.ts'

/** What the visitor has to know about the connection and about saving; `undefined` while all is well. */
export interface Truth {
  readonly key: StringKey
  readonly tone: 'busy' | 'warning' | 'danger' | 'good'
  /** When all was last known to be up to date. */
  readonly syncedAt: number | undefined
  readonly retry: boolean
}

/** Most connections come back before anybody noticed; what is said sooner only worries. */
const SILENT = 2000
const BACK = 2000

export function useTruth(): Truth | undefined {
  const { chat, $view } = useAround()
  const { link, syncedAt, storage } = useStore(chat.$status)
  const { open } = useStore($view)
  const [said, setSaid] = useState<'nothing' | 'trouble' | 'back'>('nothing')
  const settling = link === 'connecting' || link === 'catching-up' || link === 'waiting'

  useEffect(() => {
    if (!open) return setSaid('nothing')
    if (settling && said !== 'trouble') {
      const timer = setTimeout(() => setSaid('trouble'), SILENT)
      return () => clearTimeout(timer)
    }
    if (!settling && said === 'trouble') setSaid(link === 'online' ? 'back' : 'nothing')
    if (!settling && said === 'back') {
      const timer = setTimeout(() => setSaid('nothing'), BACK)
      return () => clearTimeout(timer)
    }
  }, [settling, said, open, link])

  const truth = (key: StringKey, tone: Truth['tone'], retry = false): Truth => ({
    key,
    tone,
    retry,
    syncedAt: retry ? syncedAt : undefined
  })
  if (link === 'refused') return truth('refused', 'danger')
  if (link === 'unauthorized') return truth('unauthorized', 'warning')
  if (settling && said === 'trouble') {
    if (link === 'waiting') return truth(navigator.onLine === false ? 'offline' : 'noLink', 'warning', true)
    return truth(link === 'connecting' ? 'connecting' : 'catchingUp', 'busy')
  }
  if (said === 'back') return truth('backOnline', 'good')
  if (storage === 'volatile') return truth('volatile', 'warning')
  if (storage === 'degraded') return truth('degraded', 'warning')
  return undefined
}
