import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { Refusal } from './http.js'

const derive = promisify(scrypt)

/** Accounts with a password, which is kept as a scrypt hash, and tokens signed with `secret`. */
export function accounts(database, secret) {
  const hashed = async (password, salt) => (await derive(String(password), salt, 32)).toString('hex')
  const sign = (name) => `${name}.${createHmac('sha256', secret).update(name).digest('base64url')}`
  return {
    async register(name, password) {
      if (!/^[a-z]{2,20}$/.test(name ?? '') || !password) throw new Refusal(400, 'needs a name of a-z and a password')
      const salt = randomBytes(16).toString('hex')
      const insert = 'insert into accounts values ($1, $2, $3) on conflict do nothing'
      const { rowCount } = await database.query(insert, [name, salt, await hashed(password, salt)])
      if (rowCount === 0) throw new Refusal(409, `${name} is taken`)
    },
    async login(name, password) {
      const { rows } = await database.query('select salt, hash from accounts where name = $1', [name])
      const hash = rows[0] && (await hashed(password, rows[0].salt))
      const right = hash !== undefined && timingSafeEqual(Buffer.from(hash), Buffer.from(rows[0].hash))
      if (!right) throw new Refusal(401, 'name or password is wrong')
      return sign(name)
    },
  }
}
