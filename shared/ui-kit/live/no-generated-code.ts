import { config } from 'zod'

// the page's content security policy forbids code made from text; imported before any schema, which would try it
config({ jitless: true })
