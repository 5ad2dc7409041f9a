using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Platform.Dashboards.Charts;
using Platform.Dashboards.Widgets;
using Platform.SharedKernel.Errors;
using Platform.Testing;
using SkiaSharp;

namespace Platform.Dashboards.Tests.Charts;

/// <summary>
/// Pictures against those that people have looked at (References/). After a change that is meant: set WRITE_REFERENCES=1, run, and look at
/// them.
/// </summary>
public sealed class PictureTests : PlatformTest
{
    private static readonly PictureRequest Light = new(false, 1440, 40_000_000, 500);

    [TestCase("sales-light", false)]
    [TestCase("sales-dark", true)]
    public void Draws_a_board(string name, bool isDark) =>
        ExpectPicture(name, PictureFile.Board(SampleBoards.Sales, Light with { IsDark = isDark }, CancellationToken.None));

    [Test]
    public void Draws_what_can_be_drawn_of_odd_data_and_says_what_cannot() =>
        ExpectPicture("troubles", PictureFile.Board(SampleBoards.Troubles, Light, CancellationToken.None));

    [TestCase(4, "widget-line")]
    [TestCase(5, "widget-pie")]
    public void Draws_a_widget(int index, string name) =>
        ExpectPicture(name, PictureFile.Widget(SampleBoards.Sales.Widgets[index], Light with { Width = 1280 }));

    [Test]
    public void Every_kind_of_widget_has_a_drawing()
    {
        var kinds = Application.Services.GetRequiredService<WidgetTypes>().Names;

        Assert.That(kinds, Is.Not.Empty);
        Assert.That(kinds.Where(kind => WidgetDrawings.Find(kind) is null), Is.Empty);
    }

    [Test]
    public void A_table_takes_pages_and_ends_at_its_bound()
    {
        var pdf = PdfBook.Widget(SampleBoards.LongTable, "Sales", SampleBoards.Sales.AsOf, Light, CancellationToken.None);
        var bounded = PdfBook.Widget(SampleBoards.LongTable, "Sales", SampleBoards.Sales.AsOf, Light with { MaxRows = 30 }, CancellationToken.None);

        Assert.That(Encoding.Latin1.GetString(pdf), Does.StartWith("%PDF-1."));
        Assert.That(PagesOf(pdf), Is.EqualTo(13));
        Assert.That(PagesOf(bounded), Is.EqualTo(1));
    }

    [Test]
    public void A_board_is_parted_between_its_widgets_and_a_cut_table_follows_whole()
    {
        var pdf = PdfBook.Board(SampleBoards.Sales, Light, CancellationToken.None);

        Assert.That(PagesOf(pdf), Is.EqualTo(3), "two for the board, one for the table that did not fit on it");
    }

    [Test]
    public void Refuses_a_picture_of_too_many_pixels()
    {
        var refused = Assert.Throws<RuleViolationException>(
            () => PictureFile.Board(SampleBoards.Sales, Light with { Width = 8000 }, CancellationToken.None));

        Assert.That(refused!.Code, Is.EqualTo("export_too_large"));
    }

    [Test]
    public void Stops_when_it_takes_too_long()
    {
        using var over = new CancellationTokenSource();
        over.Cancel();

        Assert.Throws<OperationCanceledException>(() => PictureFile.Board(SampleBoards.Sales, Light, over.Token));
        Assert.Throws<OperationCanceledException>(() => PdfBook.Board(SampleBoards.Sales, Light, over.Token));
    }

    private static int PagesOf(byte[] pdf) => Encoding.Latin1.GetString(pdf).Split("/Type /Page\n").Length - 1;

    // The mean difference of a channel, and how many pixels differ visibly: glyphs may be drawn a shade otherwise by another build of the
    // library.
    private static void ExpectPicture(string name, byte[] png)
    {
        var reference = RepositoryFiles.Path($"tests/Platform.Dashboards.Tests/Charts/References/{name}.png");
        if (Environment.GetEnvironmentVariable("WRITE_REFERENCES") == "1")
        {
            File.WriteAllBytes(reference, png);
        }

        using var expected = SKBitmap.Decode(reference);
        using var actual = SKBitmap.Decode(png);
        Assert.That((actual.Width, actual.Height), Is.EqualTo((expected.Width, expected.Height)));
        var wanted = expected.GetPixelSpan();
        var drawn = actual.GetPixelSpan();
        var (sum, visible) = (0L, 0);
        for (var index = 0; index < wanted.Length; index++)
        {
            var difference = Math.Abs(wanted[index] - drawn[index]);
            sum += difference;
            visible += difference > 48 ? 1 : 0;
        }

        Assert.That((double)sum / wanted.Length, Is.LessThan(0.25), "the mean difference of a channel");
        Assert.That((double)visible / wanted.Length, Is.LessThan(0.002), "the share of values that differ visibly");
    }
}
