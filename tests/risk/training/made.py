"""Tables that no file of the platform has seen, made from a seed with known truth."""

import gzip
import io

import numpy as np

PLACES = ["北京", "上海", "广州", "深圳"]


def chinese(rows=1500, seed=7):
    """Semicolons, decimal commas, Chinese headings, GB 18030, gzip; `催收次数` leaks."""
    random = np.random.default_rng(seed)
    income = np.round(random.lognormal(8.8, 0.5, rows), 2)
    burden = np.clip(random.normal(0.4, 0.15, rows), 0.01, 1.2)
    years = random.integers(0, 20, rows)
    place = random.integers(0, 4, rows)
    risk = 3.5 * (burden - 0.4) - 0.9 * np.log(income / income.mean()) - 0.05 * years - 1.2
    bad = random.random(rows) < 1 / (1 + np.exp(-risk))
    called = np.where(bad, random.integers(1, 9, rows), random.random(rows) < 0.03)
    lines = ["合同号;月收入;负债率;工作年限;城市;性别;催收次数;是否逾期"]
    for i in range(rows):
        shown = f"{income[i]:,.2f}".replace(",", " ").replace(".", ",")
        share = f"{100 * burden[i]:.1f}%".replace(".", ",")
        worked = "--" if i % 50 == 0 else str(years[i])
        lines.append(
            f"HT{2026000000 + i};¥{shown};{share};{worked};{PLACES[place[i]]};"
            f"{'男' if i % 3 else '女'};{int(called[i])};{'是' if bad[i] else '否'}"
        )
    return gzip.compress("\r\n".join(lines).encode("gb18030"), mtime=0)


def by_time(rows=3000, seed=11):
    """Commas, a date a row, a number that is drifting, and the day of the loss beside it."""
    random = np.random.default_rng(seed)
    month = np.sort(random.integers(0, 24, rows))
    day = random.integers(1, 28, rows)
    use = random.beta(2, 3, rows)
    score = random.normal(600 + month * 4, 40, rows).round()
    late = random.poisson(0.6, rows)
    risk = 2.2 * use + 0.8 * late - 3.4
    outcome = np.where(random.random(rows) < 1 / (1 + np.exp(-risk)), "Charged Off", "Fully Paid")
    text = io.StringIO()
    text.write("client,opened,limit_used,inner_score,times_late,lost_on,note,outcome\n")
    for i in range(rows):
        opened = f"{day[i]:02d}/{month[i] % 12 + 1:02d}/{2024 + month[i] // 12}"
        lost = f"{day[i]:02d}/01/2027" if outcome[i] == "Charged Off" else ""
        text.write(
            f"{i * 7919 % 999983},{opened},{use[i]:.4f},{score[i]:.0f},{late[i]},{lost},"
            f'"=HYPERLINK(""http://x/{i}"")",{outcome[i]}\n'
        )
    return text.getvalue().encode()
