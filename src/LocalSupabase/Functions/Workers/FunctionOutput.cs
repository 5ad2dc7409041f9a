using System.Text;

namespace Platform.LocalSupabase.Functions.Workers;

/// <summary>Reads what a function prints, line by line, and holds no more of it than a bound, whatever the function does.</summary>
internal static class FunctionOutput
{
    private const int LongestLine = 8 * 1024;
    private const int LinesPerSecond = 200;

    /// <summary>Gives each line to the callback until the stream ends. Longer lines are cut, a flood is cut off for its second.</summary>
    public static async Task PumpAsync(StreamReader reader, TimeProvider clock, Action<string> write)
    {
        var line = new StringBuilder();
        var buffer = new char[4096];
        var (second, count) = (clock.GetTimestamp(), 0);
        void Flush()
        {
            if (clock.GetElapsedTime(second) > TimeSpan.FromSeconds(1))
            {
                (second, count) = (clock.GetTimestamp(), 0);
            }

            if (line.Length > 0 && ++count <= LinesPerSecond)
            {
                write(count == LinesPerSecond ? "(more was printed in this second)" : line.ToString());
            }

            line.Clear();
        }

        int read;
        while ((read = await reader.ReadAsync(buffer)) > 0)
        {
            foreach (var character in buffer.AsSpan(0, read))
            {
                if (character == '\n' || line.Length == LongestLine)
                {
                    Flush();
                }

                if (character is not ('\n' or '\r'))
                {
                    line.Append(character);
                }
            }
        }

        Flush();
    }
}
