/** Whether an address answers and says that all is well; a program that is still starting may answer that it is not. */
export async function isReady(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => null)
  await response?.body?.cancel()
  return response?.ok ?? false
}
