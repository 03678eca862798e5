def main():
    return sales.select(pl.len())
if __name__ == "__main__":
    result = main()
