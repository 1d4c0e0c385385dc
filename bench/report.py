"""Writes what was measured: results.json, table.md, summary.md (that of the README), ratios.png."""

import json


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}" if value >= 10 else f"{value:,.2f}"


def ratio(row):
    """Millrace's rate as a multiple of MLflow's; None if that was not measured, or answered nothing."""
    rates = row["servers"]
    if "mlflow" not in rates or not rates["mlflow"]["rate"]:
        return None
    return rates["millrace"]["rate"] / rates["mlflow"]["rate"]


def line(row):
    cells = [row["name"]]
    for figures in row["servers"].values():
        cells += [
            f"{number(figures['rate'])} {row['unit']}/s",
            f"{number(figures['p50'])} / {number(figures['p99'])}",
            f"{figures['errors']:,} of {figures['requests']:,}" if figures["errors"] else "0",
            f"{figures['memory']:,.0f}",
            f"{number(figures['cpu'])}",
        ]
    reached = ratio(row)
    cells.append("" if reached is None else f"**{number(reached)}x**")
    cells.append("" if row["target"] is None else f"{row['target']}x")
    return "| " + " | ".join(cells) + " |"


def table(result):
    names = list(result["rows"][0]["servers"]) if result["rows"] else []
    titles = {"mlflow": "MLflow", "millrace": "Millrace"}
    head = ["workload"]
    for name in names:
        head += [titles[name], "p50 / p99 ms", "errors", "MiB", "CPU ms"]
    head += ["ratio", "wanted"]
    lines = [
        f"{result['date']}, {result['machine']}, {result['database']}; {result['runs']:,} runs; medians of {result['rounds']} rounds in turns.",
        "",
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *(line(row) for row in result["rows"]),
    ]
    for name, start in result.get("start", {}).items():
        lines += ["", f"{titles[name]}: {number(start['seconds'])} s from the command to the first answer, {start['memory']:,.0f} MiB idle."]
    return "\n".join(lines) + "\n"


def summary(result):
    """The table without what only explains it. Empty if there is a row that has no ratio, or none at all."""
    if not result["rows"] or not all(ratio(row) for row in result["rows"]):
        return ""
    lines = ["| workload | MLflow | Millrace | its p50 / p99 ms | ratio | wanted |", "|---|---|---|---|---|---|"]
    for row in result["rows"]:
        cells = [row["name"]]
        for figures in row["servers"].values():
            failed = f" ({figures['errors']:,} of {figures['requests']:,} failed)" if figures["errors"] else ""
            cells.append(f"{number(figures['rate'])} {row['unit']}/s{failed}")
        its = row["servers"]["millrace"]
        cells += [f"{number(its['p50'])} / {number(its['p99'])}", f"{number(ratio(row))}x", f"{row['target']}x" if row["target"] else "–"]
        lines.append("| " + " | ".join(cells) + " |")
    if "start" in result:
        mlflow, millrace = result["start"]["mlflow"], result["start"]["millrace"]
        seconds, memory = mlflow["seconds"] / millrace["seconds"], mlflow["memory"] / millrace["memory"]
        lines += [
            f"| start to first answer | {number(mlflow['seconds'])} s | {number(millrace['seconds'])} s | | {seconds:.0f}x | below 1.5 s |",
            f"| memory, idle | {number(mlflow['memory'])} MiB | {number(millrace['memory'])} MiB | | 1/{memory:.0f} | below 250 MiB |",
        ]
    return "\n".join(lines) + "\n"


def plot(result, path):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = [row for row in reversed(result["rows"]) if ratio(row)]
    figure, axes = pyplot.subplots(figsize=(9, 0.3 * len(rows) + 1.2))
    places = range(len(rows))
    axes.barh(places, [ratio(row) for row in rows], color="#2a7f9e", height=0.6)
    for place, row in zip(places, rows):
        axes.text(ratio(row) * 1.05, place, f"{number(ratio(row))}x", va="center", fontsize=8)
        if row["target"]:
            axes.plot([row["target"]] * 2, [place - 0.4, place + 0.4], color="#c0392b", linewidth=2)
    axes.margins(y=0.01)
    axes.set_yticks(places, [row["name"] for row in rows], fontsize=8)
    axes.set_xscale("log")
    axes.set_xlim(1, max(ratio(row) for row in rows) * 2)
    title = f"Millrace's rate as a multiple of MLflow's; red: what was wanted\n{result['date']}, {result['machine']}, {result['database']}"
    figure.suptitle(title, x=0.01, horizontalalignment="left", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=130)


def write(result, folder):
    (folder / "results.json").write_text(json.dumps(result, indent=1) + "\n")
    (folder / "table.md").write_text(table(result))
    (folder / "summary.md").write_text(summary(result))
    print(table(result))
    if any(ratio(row) for row in result["rows"]):
        plot(result, folder / "ratios.png")
