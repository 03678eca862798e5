import asyncio
async def both():
    return await asyncio.gather(sales.lazy().select(pl.len()).collect_async(), shops.lazy().select(pl.len()).collect_async())
result = pl.concat(asyncio.run(both()))
