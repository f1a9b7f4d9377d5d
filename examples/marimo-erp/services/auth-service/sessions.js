import { randomBytes } from 'node:crypto'

const hour = 3600

/** Sessions in Redis: a token stands for a user until an hour has passed. */
export function sessionsIn(redis) {
  const key = (token) => `session:${token}`
  return {
    async open(user) {
      const token = randomBytes(24).toString('base64url')
      await redis.set(key(token), JSON.stringify(user), { expiration: { type: 'EX', value: hour } })
      return token
    },
    async find(token) {
      const user = token && (await redis.get(key(token)))
      return user ? JSON.parse(user) : undefined
    },
  }
}
