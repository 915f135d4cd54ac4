import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{edge,cloud,shared,deploy}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
