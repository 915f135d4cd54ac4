import { namesSecret, withoutSecrets } from '../../domain/charging/secrets.ts'

/** Cheap test whether a frame is worth a closer look. */
const SUSPECT = /authorizationkey|passw|secret|privatekey|simpin|psk|presharedkey|:\/\/[^"/\s]*@|\/files\//i

const NONE: readonly string[] = []

/** The text of a frame without its secrets. What is no JSON is kept only in its head. */
export function textWithoutSecrets(
  text: string,
  action: string | null,
  own: readonly string[] = NONE,
): string {
  const named = action !== null && namesSecret(action)
  if (!SUSPECT.test(text) && !named && !own.some((key) => text.includes(key))) return text
  try {
    return JSON.stringify(withoutSecrets(JSON.parse(text), own))
  } catch (error) {
    if (error instanceof SyntaxError) return `${text.slice(0, 40)}… (unreadable, and may hold a secret)`
    throw error
  }
}
