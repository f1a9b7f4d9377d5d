import { connect } from 'amqplib'

const exchange = 'marimo'

/**
 * Events between services, by way of a topic exchange on AMQP_URL. The connection is made again whenever it breaks.
 * With `subscription` ({ queue, event, handle }) events are taken off a durable queue, and put back when handling one fails.
 */
export async function broker(subscription) {
  let channel
  const connection = await connect(process.env.AMQP_URL, {
    recovery: {
      setup: async (model) => {
        channel = await model.createConfirmChannel()
        await channel.assertExchange(exchange, 'topic', { durable: true })
        if (subscription) await subscribe(channel, subscription)
      },
    },
  })
  connection.on('error', (error) => console.error(`broker: ${error.message}`))
  return {
    /** Resolves once the broker has taken the event. */
    publish: (event, value) =>
      new Promise((resolve, reject) => {
        const content = Buffer.from(JSON.stringify(value))
        channel.publish(exchange, event, content, { persistent: true }, (error) => (error ? reject(error) : resolve()))
      }),
    close: () => connection.close(),
  }
}

async function subscribe(channel, { queue, event, handle }) {
  await channel.assertQueue(queue, { durable: true })
  await channel.bindQueue(queue, exchange, event)
  await channel.prefetch(10)
  await channel.consume(queue, async (message) => {
    if (message === null) return
    try {
      await handle(JSON.parse(message.content.toString()))
      channel.ack(message)
    } catch (error) {
      console.error(`${event}: ${error.message}`)
      setTimeout(() => channel.nack(message), 1000)
    }
  })
}
