import type { RefObject } from 'preact'
import { useLayoutEffect } from 'preact/hooks'
import { useAround } from '../around.ts'
import { attend } from './attend.ts'

/** Nothing to see in the panel: draws the visitor's attention to what arrives where they do not look. */
export function Attention({ root }: { readonly root: RefObject<HTMLElement | null> }) {
  const around = useAround()
  // A layout effect: its end is not put off until after the next paint.
  useLayoutEffect(() => {
    const widget = root.current!.getRootNode() as ShadowRoot
    return attend(around, threadId => {
      if (!around.$view.get().open) widget.querySelector<HTMLElement>('[aria-controls=panel]')!.click()
      around.go(threadId)
    })
  }, [])
  return null
}
