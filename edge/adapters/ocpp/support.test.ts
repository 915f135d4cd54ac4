import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { SUPPORT_PAGE, supportPage } from './support.ts'

test('the page of supported messages is what the code supports', () => {
  expect(readFileSync(SUPPORT_PAGE, 'utf8')).toBe(supportPage())
})

test('all 39 messages of OCPP 1.6 with its security extension are on it, DataTransfer both ways', () => {
  expect(supportPage()).toContain('## OCPP 1.6: 39 messages')
  expect(supportPage()).toContain('| DataTransfer | heard | said |')
  expect(supportPage()).toContain('| StartTransaction | heard, stored before it is answered |  |')
})
