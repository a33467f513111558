import type { Script } from './script.ts'

/** The assistant of the demo shop, Fernhill Lamps. */
export const fernhill: Script = {
  name: 'Fern',
  greeting:
    'Hello, I’m Fern, the shop’s assistant. I know about delivery, returns, opening hours, bulbs and orders. If you would rather have a person, just say so.',
  topics: [
    {
      words: {
        deliver: 2,
        shipping: 2,
        ship: 2,
        arrive: 1,
        'how long': 1,
        abroad: 2,
        postage: 2,
        courier: 2,
        europe: 1
      },
      answers: [
        'Lamps in stock leave the workshop within two working days and take one to three days from there. Delivery is free above £80.',
        'Delivery takes one to three days once a lamp has left us, and you get a tracking link by e-mail. Lanterns made to order take about two weeks.'
      ]
    },
    {
      words: {
        return: 2,
        refund: 2,
        'send back': 2,
        exchange: 2,
        'money back': 2,
        'changed my mind': 2,
        broken: 2,
        damaged: 2
      },
      answers: [
        'You can send a lamp back within 30 days, and we pay for the way back. If it arrived broken, say “person”, and the team sends a new one at once.',
        'Returns are free for 30 days. Put the lamp back in its box, use the label that came with it, and the refund is with you about five days later.'
      ]
    },
    {
      words: {
        open: 2,
        hours: 2,
        closed: 1,
        close: 1,
        visit: 1,
        'what time': 2,
        sunday: 2,
        saturday: 2,
        weekend: 2,
        workshop: 1,
        shop: 1,
        today: 1
      },
      answers: [
        'The shop is open Tuesday to Saturday, 10 to 6. You are welcome to bring in a lamp that needs mending.',
        'Tuesday to Saturday from 10 to 6; Sunday and Monday we are in the workshop with the door closed.'
      ]
    },
    {
      words: {
        bulb: 2,
        watt: 2,
        e27: 2,
        e14: 2,
        led: 2,
        socket: 2,
        bright: 1,
        dim: 1,
        dimmer: 2,
        dimmable: 2,
        lumen: 2,
        warm: 1
      },
      answers: [
        'All our table lamps take an E27 bulb; the porch lantern takes an E14. For a warm, quiet light we suggest an LED of 2,700 kelvin and about 470 lumen, which is 5 watts.',
        'E27 for the table lamps, E14 for the porch lantern, and no more than 8 watts of LED. To dim it, choose a bulb that says “dimmable”.'
      ]
    },
    {
      words: { order: 2, tracking: 2, track: 2, 'where is': 1, parcel: 2, package: 2, status: 1, number: 1 },
      answers: [
        'The tracking link is in the e-mail that says your lamp is on its way. If that e-mail has not come within two working days, say “person” and the team looks it up.',
        'I cannot see orders myself. Leave your order number here, and somebody from the shop will look it up.'
      ],
      form: {
        fields: [
          {
            name: 'order',
            label: 'Order number',
            kind: 'text',
            required: true,
            hint: 'It is on the bill: F and five digits.'
          },
          { name: 'email', label: 'E-mail', kind: 'email', required: true },
          {
            name: 'matter',
            label: 'What is it about?',
            kind: 'select',
            options: ['Where it is', 'A change', 'Something broke']
          }
        ],
        submit: 'Have it looked up'
      }
    },
    {
      words: { repair: 2, mend: 2, fix: 2, rewire: 2, cable: 2, flicker: 2, shade: 1, switch: 1 },
      answers: [
        'We mend lamps, ours and others. Most repairs cost £25 to £60 and take about a week. Bring it in with the bits that fell off; a look and a straight answer are free.',
        'A new plug or switch is £14, a new cloth flex £38, tested. Our own lamps are mended free for five years.'
      ]
    },
    {
      words: {
        price: 2,
        cost: 1,
        discount: 2,
        voucher: 2,
        'gift card': 2,
        code: 1,
        pay: 2,
        payment: 2,
        invoice: 2,
        card: 1
      },
      answers: [
        'Prices are on each lamp’s page and include tax. You can pay by card or bank transfer, and the first bench letter brings £10 off your first lamp.',
        'Cards and bank transfer both work. For an invoice with a company name, say “person” and the team makes one.'
      ]
    },
    {
      words: { guarantee: 2, warranty: 2, 'how old': 1, years: 1 },
      answers: ['Our own lamps are mended free for five years, wiring and all.']
    }
  ],
  misses: [
    'I’m not sure I understood that. I know about delivery, returns, opening hours, bulbs and orders. Or say “person”, and the team takes over.',
    'Sorry, that one is beyond me. Try other words, or say “person” for somebody from the shop.'
  ],
  handOver: 'Of course. I’ve passed this on to the team; the answer comes right here, so you can close the page.',
  giveUp: 'I keep missing it, so I’ve passed this on to somebody from the shop. The answer comes right here.'
}
