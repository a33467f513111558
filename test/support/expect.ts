import { expect as playwright } from '@playwright/test'

/** Expects of a page what it will be soon: a machine on which much else goes on takes longer than the five seconds usual. */
export const expect = playwright.configure({ timeout: 15_000 })
