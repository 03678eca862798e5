import asyncio
async def main():
    total = await asyncio.to_thread(lambda: sales["qty"].sum())
    try:
        await asyncio.wait_for(asyncio.sleep(5), 0.01)
    except asyncio.TimeoutError:
        return total, "late"
total, word = asyncio.run(main())
result = pl.DataFrame({"total": [total], "word": [word]})
