/** The colour a token has on `element` just now, as `rgb(…)`: a canvas knows no custom properties. */
export function tokenColour(element: Element, token: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${token})`
  element.append(probe)
  const colour = getComputedStyle(probe).color
  probe.remove()
  return colour
}

/** The same colour with an opacity from 0 to 1. */
export const translucent = (rgb: string, alpha: number): string =>
  rgb.replace(/^rgb\((.*)\)$/, `rgba($1, ${alpha})`)
