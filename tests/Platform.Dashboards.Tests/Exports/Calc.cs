using System.Diagnostics;

namespace Platform.Dashboards.Tests.Exports;

/// <summary>LibreOffice Calc without a screen: reads a file as a spreadsheet does and says what its cells show.</summary>
internal static class Calc
{
    /// <summary>The cells of a sheet, row by row, as Calc writes them to CSV.</summary>
    /// <param name="content">An XLSX or CSV file.</param>
    /// <param name="extension">xlsx or csv.</param>
    /// <param name="sheet">The sheet, counted from 1.</param>
    /// <param name="formulas">Whether formulas are shown in place of their values.</param>
    public static async Task<string[]> ReadAsync(byte[] content, string extension, int sheet = 1, bool formulas = false)
    {
        var folder = Directory.CreateTempSubdirectory("platform-calc-").FullName;
        try
        {
            var file = Path.Combine(folder, $"in.{extension}");
            await File.WriteAllBytesAsync(file, content);
            // Comma, quote, UTF-8, from line 1, columns as they are, en-US, quote all text, detect numbers no, as shown, formulas, -, -,
            // the sheet.
            var filter = $"csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,true,true,{(formulas ? "false,true" : "true,false")},false,{sheet}";
            using var process = Process.Start(new ProcessStartInfo("soffice",
            [
                $"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore", "--convert-to", filter, "--outdir", Path.Combine(folder, "out"), file,
            ])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            await process.WaitForExitAsync(bound.Token);
            var made = Directory.Exists(Path.Combine(folder, "out")) ? Directory.GetFiles(Path.Combine(folder, "out")) : [];
            Assert.That(made, Has.Length.EqualTo(1), $"{await output}{await errors}");
            return (await File.ReadAllTextAsync(made[0])).TrimEnd('\n').Split('\n');
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
