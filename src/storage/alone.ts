import type { Tabs } from '../page/tabs.ts'

/** A tab that shares nothing with others, because nothing is stored where they could find it. */
export const alone: Tabs = {
  async lead() {},
  tell() {},
  listen: () => () => {}
}
