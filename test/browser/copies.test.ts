import type { Browser } from 'playwright'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { expect } from '../support/expect.ts'
import { openPostOffice, type PostOffice } from '../support/post-office.ts'
import { type House, openBrowser, openHouse, sitDown, visit } from '../support/world.ts'

let browser: Browser
let house: House
let post: PostOffice
beforeAll(async () => {
  post = await openPostOffice()
  browser = await openBrowser()
  house = await openHouse({ SMTP_URL: post.url, MAIL_FROM: 'Fernhill Lamps <chat@fernhill.example>' })
})
afterAll(async () => {
  await browser?.close()
  await house?.close()
  await post?.close()
})

describe('a copy by e-mail', () => {
  it('goes to the visitor when the chat is over, and says why when it does not', async () => {
    const sam = await sitDown(browser, house)
    const visitor = await visit(browser, house)
    const { panel } = visitor
    await visitor.open()
    await panel.getByRole('button', { name: 'Chat now' }).click()
    await expect(panel.getByText('You are next')).toBeVisible()
    await visitor.write('Is the Wren <b>in stock</b>?')
    const accept = sam.page.getByRole('button', { name: /^Accept/ })
    await accept.first().click()
    await sam.page.getByRole('textbox', { name: 'Reply' }).fill('Yes, two')
    await sam.page.getByRole('textbox', { name: 'Reply' }).press('Enter')
    await expect(panel.getByRole('article', { name: /^Sam/ })).toContainText('Yes, two')
    await sam.page.getByRole('button', { name: 'End chat' }).click()
    await sam.page.getByRole('button', { name: 'Yes, end it' }).click()
    await panel.getByRole('button', { name: 'Skip' }).click()

    await panel.getByRole('button', { name: 'Send a copy by e-mail' }).click()
    const address = panel.getByRole('textbox', { name: 'E-mail address' })
    await expect(address).toBeFocused()
    await address.fill('ada')
    await address.press('Enter')
    await expect(address).toHaveAttribute('aria-invalid', 'true')
    await expect(panel.getByText('This needs to look like name@example.com.')).toBeVisible()
    post.refusal = { code: 550, words: 'nobody here' }
    await address.fill('ada@example.com')
    await address.press('Enter')
    await expect(panel.getByText('because this address takes no mail')).toBeVisible()
    post.refusal = undefined
    await address.press('Enter')
    await expect(panel.getByText('Sent to ada@example.com')).toBeVisible()
    await expect(panel.getByRole('button', { name: 'Send a copy by e-mail' })).toBeFocused()

    expect(post.mails).toHaveLength(1)
    const { mail, recipients } = post.mails[0]!
    expect(recipients).toEqual(['ada@example.com'])
    expect(mail.subject).toBe('Your conversation with Fernhill Lamps')
    expect(mail.text).toMatch(/Is the Wren <b>in stock<\/b>\?[\s\S]+Yes, two[\s\S]+Sam ended the chat/)
    // As it is read.
    const page = await visitor.context.newPage()
    await page.setContent(mail.html!)
    await expect(page.getByText('Is the Wren <b>in stock</b>?')).toBeVisible()
    expect(visitor.complaints.filter(said => !/\b400\b/.test(said))).toEqual([])
  })
})
