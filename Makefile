# Everything is started from here. `make help` lists the targets.

PYTHON := .venv/bin/python
PANEL := .venv/bin/panel
CHECKS := $(wildcard tests/test_architecture.py tests/test_templates.py tests/test_catalogue.py)
POT := panel/translations/messages.pot
# Test processes at a time, each with a database of its own. Each starts with its share in the files' order,
# those of the browser first, and takes half of what another has left when it has nothing more to do. Three keep
# two cores busy: one of them always waits, for a page or for a server that starts.
JOBS ?= 3
PYTEST := $(PYTHON) -m pytest -n $(JOBS) --dist worksteal
# Else every process would compile the program, and rewrite the tests' assertions, anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup setup-run run debug hooks demo migrate doctor test test-long check format bench bench-lists messages clean

help: ## 列出所有目标
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## 安装运行、开发和测试所需的一切
	@sh panel/setup.sh test

setup-run:
	@sh panel/setup.sh run

run: setup-run ## 启动系统，浏览器打开 http://127.0.0.1:8000；换端口：make run PORT=8001
	@exec $(PANEL) run $(if $(PORT),--port $(PORT))

debug: setup-run ## 在前台用一个线程运行网站，breakpoint() 停在这个终端
	@exec $(PANEL) debug $(if $(PORT),--port $(PORT))

demo: setup-run ## 写入演示数据；重新开始：make demo RESET=1
	@$(PANEL) demo $(if $(RESET),--reset)

migrate: setup-run ## 更新数据结构和索引
	@$(PANEL) migrate

doctor: setup-run ## 检查这台机器，缺什么就说怎么办
	@$(PANEL) doctor

test: setup ## 运行全部测试；一部分：make test ARGS="tests/unit -k calendar"；不并行：JOBS=0
	@$(PYTEST) $(ARGS)

test-long: setup ## 用多得多的随机例子测试
	@PINGSHEN_TEST_LENGTH=long $(PYTEST) -m hypothesis $(ARGS)

check: setup ## 检查代码、类型、模板、分层和译文
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -m djlint --lint --quiet templates
	$(if $(CHECKS),$(PYTHON) -m pytest -q $(CHECKS))

hooks: setup ## 每次提交前检查代码格式、模板和译文
	@$(PYTHON) -m pre_commit install

format: setup ## 按约定排版代码
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

bench: setup ## 十万份申报时测量速度：页面、列表、导出、导入；一部分：make bench ARGS=lists
	@$(PYTHON) -m bench $(ARGS)

bench-lists: setup ## 只测列表：十万份申报，与 Flask-Admin 自带列表和裸查询对照
	@$(PYTHON) -m bench lists $(ARGS)

messages: setup ## 收集界面文字并更新、编译译文
	.venv/bin/pybabel --quiet extract --mapping-file panel/translations/babel.cfg --keywords "M _l" \
		--add-comments "Note:" --ignore-dirs ".* node_modules var build dist" --no-location --sort-output \
		--project Pingshen --output-file $(POT) .
	.venv/bin/pybabel --quiet update --input-file $(POT) --output-dir panel/translations --no-fuzzy-matching \
		--ignore-pot-creation-date --ignore-obsolete
	@sh panel/setup.sh run

clean: ## 删除安装的和生成的一切；var/ 里的数据保留
	rm -rf .venv node_modules panel/static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -prune -exec rm -rf {} +
	rm -rf *.egg-info
	find panel/translations -name '*.mo' -delete
