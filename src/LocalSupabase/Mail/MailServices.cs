using Microsoft.Extensions.DependencyInjection;

namespace Platform.LocalSupabase.Mail;

internal static class MailServices
{
    public static IServiceCollection AddMail(this IServiceCollection services) => services
        .AddSingleton<LetterWriter>()
        .AddSingleton<LocalMailbox>()
        .AddHostedService<SmtpSender>();
}
