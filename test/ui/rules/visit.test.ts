// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watchPage } from '../../../src/ui/rules/visit.ts'

describe('what a page knows of a visit', () => {
  const life = new AbortController()
  const onChange = vi.fn()
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    life.abort()
    vi.useRealTimers()
  })

  it('has how far down the visitor was, without a look at every step of the way', () => {
    const page = document.documentElement
    vi.spyOn(document, 'scrollingElement', 'get').mockReturnValue(page)
    vi.spyOn(page, 'scrollHeight', 'get').mockReturnValue(3000)
    vi.spyOn(page, 'clientHeight', 'get').mockReturnValue(1000)
    const visit = watchPage(() => false, onChange, life.signal)
    vi.advanceTimersByTime(1500)
    onChange.mockClear()
    for (let y = 100; y <= 1000; y += 100) {
      window.scrollTo(0, y)
      window.dispatchEvent(new Event('scroll'))
    }
    expect(onChange).not.toHaveBeenCalled()
    vi.advanceTimersByTime(500)
    expect(onChange).toHaveBeenCalledOnce()
    expect(visit.get().scroll).toBe(50)
    window.scrollTo(0, 0)
    expect(visit.get().scroll).toBe(50)
  })
})
