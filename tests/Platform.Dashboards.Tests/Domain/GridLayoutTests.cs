using Platform.Dashboards.Domain;
using Platform.SharedKernel.Errors;

namespace Platform.Dashboards.Tests.Domain;

public sealed class GridLayoutTests
{
    [TestCase(0, 0, 24, 1)]
    [TestCase(23, 0, 1, 1)]
    [TestCase(0, 100_000, 1, 1000)]
    public void Accepts_what_lies_within_the_grid(int x, int y, int width, int height) =>
        Assert.That(() => GridLayout.RequireFits(new GridPlace(x, y, width, height), "$"), Throws.Nothing);

    [TestCase(1, 0, 24, 1)]
    [TestCase(-1, 0, 1, 1)]
    [TestCase(0, 0, 0, 1)]
    [TestCase(0, 0, 1, 0)]
    [TestCase(0, -1, 1, 1)]
    [TestCase(int.MaxValue, 0, 2, 1)]
    public void Refuses_what_lies_outside(int x, int y, int width, int height) =>
        Assert.That(
            () => GridLayout.RequireFits(new GridPlace(x, y, width, height), "$"),
            Throws.TypeOf<RuleViolationException>().With.Property("Code").EqualTo("widget_outside_grid"));

    [Test]
    public void Refuses_overlapping_widgets() =>
        Assert.That(
            () => GridLayout.RequireNoOverlap([new GridPlace(0, 0, 6, 10), new GridPlace(8, 2, 2, 2), new GridPlace(5, 9, 6, 4)]),
            Throws.TypeOf<RuleViolationException>().With.Property("Code").EqualTo("widgets_overlap"));

    [Test]
    public void Accepts_widgets_that_only_touch() =>
        Assert.That(
            () => GridLayout.RequireNoOverlap([new GridPlace(0, 0, 6, 4), new GridPlace(6, 0, 6, 4), new GridPlace(0, 4, 12, 4)]),
            Throws.Nothing);

    [Test]
    public void Puts_a_widget_without_a_place_below_all_others() =>
        Assert.That(GridLayout.Below([new GridPlace(0, 0, 6, 4), new GridPlace(6, 0, 6, 9)]), Is.EqualTo(new GridPosition(0, 9)));
}
