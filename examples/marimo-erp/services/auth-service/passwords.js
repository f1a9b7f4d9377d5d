import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(scrypt)

/** A password as it is stored: salt and scrypt hash. */
export async function hashed(password, salt = randomBytes(16).toString('hex')) {
  return `${salt}:${(await derive(String(password), salt, 32)).toString('hex')}`
}

/** Whether a password is the stored one. */
export async function matches(password, stored) {
  const [salt] = stored.split(':')
  return timingSafeEqual(Buffer.from(await hashed(password, salt)), Buffer.from(stored))
}
