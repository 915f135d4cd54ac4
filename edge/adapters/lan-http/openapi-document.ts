import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Caller } from './access.ts'
import { ROLES } from './roles.ts'

const METHODS = ['get', 'put', 'post', 'delete'] as const
/** Documents whole what any route may meet. */
const WHOLE = '/api/v1/departures'

/**
 * The OpenAPI document: every operation names the role it needs, and the refusals that come before its own code: of
 * members that do not fit, of nobody and of a lesser role.
 */
export function openApiDocument(app: OpenAPIHono<Caller>, version: string) {
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of depot.yaml, lan_http.tokens; on the depot itself, reading needs none',
  })
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    security: [{ token: [] }],
    info: { title: 'Busbar depot', version },
  })
  const whole = document.paths?.[WHOLE]?.put?.responses
  for (const [path, operations] of Object.entries(document.paths ?? {}))
    for (const method of METHODS) {
      const operation = operations[method]
      if (operation === undefined) continue
      const role = ROLES.find((row) => row.method === method && row.path === path)?.role ?? 'manager'
      operation.description ??= role === 'anyone' ? 'Needs no token.' : `Needs the role ${role}.`
      const takes = operation.requestBody !== undefined || (operation.parameters ?? []).length > 0
      operation.responses = {
        ...(takes && { 400: whole?.[400] }),
        ...(role !== 'anyone' && { 401: whole?.[401], 403: whole?.[403] }),
        ...operation.responses,
      }
      if (role === 'anyone') operation.security = []
    }
  return document
}
