import asyncio
async def twice(n):
    await asyncio.sleep(0.001)
    return n * 2
async def main():
    return await asyncio.gather(*(twice(n) for n in range(4)))
result = pl.DataFrame({"v": asyncio.run(main())})
